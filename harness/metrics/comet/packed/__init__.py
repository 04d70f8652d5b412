"""COMET without the library: each distinct text encoded once, packed without padding, in fp32, the same to the bit.

``recipe``        which checkpoints can be scored this way; reads small files only
``batching``      which texts go through the encoder together, and when a score can be computed
``tokens``        text to token numbers, cut where the library cuts
``weights``       the checkpoint's tensors, mapped from the file
``encoder``       token numbers to one vector for each text
``head``          vectors of hypothesis, source and reference to a score
``vectors``       vectors kept on disk between runs, on request
``model``         all of these together
``verification``  the proof against unbabel-comet on the first use of a checkpoint, and the memory of it

Only regression and referenceless models over XLM-R are implemented. For every other one there is the library.
"""
