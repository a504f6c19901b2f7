"""Cases: named values for a prompt, with what a good answer to them must satisfy."""
