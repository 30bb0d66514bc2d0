"""Payment providers that charge a card which its owner left there."""
