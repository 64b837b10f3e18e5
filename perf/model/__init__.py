"""What many gates and many nodes of Redis reach, from what one of each costs here."""
