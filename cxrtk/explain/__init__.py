"""Where in an image does a network see a class? Class activation maps, and a check of what they are worth."""
