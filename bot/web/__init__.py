"""The try-it page: two or three people of the community side by side, each as their own chat shows it.

A room for development only: whoever opens it is whoever they choose to be.
"""
