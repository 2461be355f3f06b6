"""What was made once is kept by what it was made of: tasks, their keys, and the entries that hold what they made."""
