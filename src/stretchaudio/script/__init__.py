"""Write what is said in a session, and which windows are kept."""
