"""What menus leave behind: what was shown to whom, and the questions that sharpen a list."""
