"""Every rule that moves money or writes about it, one file per story."""
