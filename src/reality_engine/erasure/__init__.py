"""Takes what is said of a person out of every world and ends their account; not what packs declare to be personal."""
