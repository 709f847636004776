"""report.html: one file that says the question, the answer, what it rests on and how to repeat it, without network."""
