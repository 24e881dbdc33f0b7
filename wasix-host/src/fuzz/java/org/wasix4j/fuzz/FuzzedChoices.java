package org.wasix4j.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import org.wasix4j.hostile.Choices;

/** The decisions of a fuzzer, as long as it has bytes. */
record FuzzedChoices(FuzzedDataProvider data) implements Choices {

    @Override
    public int below(int bound) {
        return data.consumeInt(0, bound - 1);
    }

    @Override
    public long any() {
        return data.consumeLong();
    }

    @Override
    public boolean more() {
        return data.remainingBytes() > 0;
    }
}
