"""What the instance tells its operators: figures, ids of log lines, traces, reports of errors. Knows nothing of what it measures:
whoever is above registers what he has, and pays only for what is not there anyway.
"""
