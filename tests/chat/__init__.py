"""Transcripts: conversations that anyone can read, played through the real turn, database and postman.

A `.chat` file:

    # A comment.
    with Asha = lilieta@sample.example            who speaks, by the key of the sample community
    with Chen = chen@sample.example on slack      … and on which wire, in a play with several; whoever is on two of them
                                                  has two names; a key of nobody is a stranger to us
    Asha: Does anyone have …?                     somebody types
    Asha [Send]                                   somebody presses a button of the last card that has it
    Bruno [Send answer] text = The mine …         … with a field filled in
    (5 hours later)                               the clock goes on, and rings
    > Asha: The first line                        what reaches them, all of it, in order
      the second line
      …                                           any number of lines
    ~ Asha: The first line                        the same, for a card that changes in place

Nothing may arrive that the transcript does not show. With REWRITE=1 the file is written anew with what arrived.
"""
