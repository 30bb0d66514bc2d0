"""What may interest a customer, from what they bought and only as far as they agreed."""
