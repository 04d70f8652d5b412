"""COMET without the library: each distinct text encoded once, packed without padding, in fp32, the same to the bit.

``recipe``        which checkpoints can be scored this way; reads small files only
``passages``      what goes through the encoder as one sequence
``batching``      which passages go through the encoder together, and when a score can be computed
``tokens``        text to token numbers, cut where the library cuts
``weights``       the checkpoint's tensors, mapped from the file
``encoder``       token numbers to one vector for each passage, and to labels of words
``head``          models that encode each text alone: vectors of hypothesis, source and reference to a score
``joint``         models that encode texts together, CometKiwi and XCOMET among them
``marks``         labels of words to error spans
``vectors``       vectors kept on disk between runs, on request
``model``         all of these together
``verification``  the proof against unbabel-comet on the first use of a checkpoint, and the memory of it

For models over other encoders, and other ways to pool, there is the library.
"""
