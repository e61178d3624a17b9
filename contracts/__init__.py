"""What each arrow between the stages promises. Standard library only; imports nothing of ours."""
