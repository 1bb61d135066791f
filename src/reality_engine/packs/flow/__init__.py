"""What flows where in a pack: who could learn of what they may not see, by which rule; not who sees what as such."""
