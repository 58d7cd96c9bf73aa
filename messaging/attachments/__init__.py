"""Files that hang on messages: taken in, kept in the storage, served with headers that let nothing run."""
