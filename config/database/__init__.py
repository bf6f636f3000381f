"""Django's PostgreSQL, with the scope of whoever asks carried along."""
