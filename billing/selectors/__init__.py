"""What the customer's pages read: lines with their renewal, orders with their story."""
