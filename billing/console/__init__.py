"""How the console shows money: colours of its states, and tables of its rows."""
