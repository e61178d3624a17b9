"""Transcript files of every readable shape -> one `Transcript`: turns, figures, confidence."""
