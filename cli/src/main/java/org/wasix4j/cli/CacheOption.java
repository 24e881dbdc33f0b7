package org.wasix4j.cli;

import static org.wasix4j.cli.Option.path;

import java.nio.file.Path;
import java.util.Map;
import org.wasix4j.types.Nullable;

/** Where compiled code is kept. */
final class CacheOption implements OptionGroup {

    @Nullable Path folder;

    @Override
    public void addTo(CommandModel command) {
        command.add(
                path("--cache-dir", "DIR", v -> folder = v)
                        .description(
                                "The folder where compiled code is cached (default: wasix4j in the"
                                        + " user's cache folder)."));
    }

    /** The folder that was named, or the user's, or null when there is none. */
    @Nullable
    Path folder(Map<String, String> here) {
        if (folder != null) {
            return folder;
        }
        Path caches = absolute(here.get("XDG_CACHE_HOME"));
        if (caches == null) {
            Path home = absolute(here.get("HOME"));
            caches = home == null ? null : home.resolve(".cache");
        }
        return caches == null ? null : caches.resolve("wasix4j");
    }

    private static @Nullable Path absolute(@Nullable String text) {
        return text == null || !text.startsWith("/") ? null : Path.of(text);
    }
}
