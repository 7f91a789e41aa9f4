"""The work itself: words to pictures, pictures to meshes, told as a stream of events."""
