package org.wasix4j.cli.packages;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * What was read of a {@code .webc} file, the same for all versions.
 *
 * @param version 1, 2 or 3
 * @param manifest the manifest, as a tree of JSON
 * @param atoms the modules by name, views of the file
 * @param volumes the folders by the name of their volume
 */
record Container(
        int version,
        JsonNode manifest,
        Map<String, ByteBuffer> atoms,
        Map<String, PackageTree.Folder> volumes) {}
