package org.wasix4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.wasix4j.runtime.ModuleReport;
import org.wasix4j.runtime.ModuleReport.ImportedFunction;
import org.wasix4j.types.Printable;

/**
 * What {@code --explain} says of a module: whether it can be run here, what it imports, what it
 * could need to be granted, and what of that these options grant.
 */
final class Explanation {

    private final ModuleReport report;
    private final List<Grant> grants;
    private final List<String> obstacles;

    private final List<NeededLibraries.Needed> libraries;

    private Explanation(
            ModuleReport report,
            List<Grant> grants,
            List<String> obstacles,
            List<NeededLibraries.Needed> libraries) {
        this.libraries = libraries;
        this.report = report;
        this.grants = grants;
        this.obstacles = obstacles;
    }

    /** What there is to say of a module that would be run with these options. */
    static Explanation of(ModuleReport report, Options options, Map<String, String> here) {
        List<String> obstacles = new ArrayList<>(report.obstacles());
        if (options.code.strictImports) {
            report.imports().stream()
                    .filter(each -> !each.known())
                    .map(each -> "it imports " + each.module() + "." + each.name())
                    .map(what -> what + ", which is unknown (--strict-imports)")
                    .filter(obstacle -> !obstacles.contains(obstacle))
                    .forEach(obstacles::add);
        }
        String entry = options.function == null ? "_start" : options.function;
        if (report.abi() != null && !report.exports().contains(entry)) {
            obstacles.add(
                    "it exports no function "
                            + entry
                            + (options.function == null
                                    ? ": it is a library; --invoke can call one of its functions"
                                    : ""));
        }
        return new Explanation(
                report,
                Grant.of(report, options, here),
                obstacles,
                NeededLibraries.of(report, options, here));
    }

    /** Whether no obstacle was found. */
    boolean runnable() {
        return obstacles.isEmpty();
    }

    // ---- as text

    /** For the human. */
    String text(Paint paint) {
        StringBuilder text = new StringBuilder();
        line(text, 0, paint.bold(Printable.line(report.name())) + ": " + whatItIs());
        for (String obstacle : obstacles) {
            line(text, 1, paint.red("cannot run: ") + Printable.line(obstacle));
        }
        if (runnable()) {
            line(text, 1, paint.green("can run"));
        }
        for (String remark : report.remarks()) {
            line(text, 1, paint.yellow("note: ") + Printable.line(remark));
        }
        imports(text, paint);
        libraries(text, paint);
        grants(text, paint);
        return text.toString();
    }

    private String whatItIs() {
        StringBuilder what = new StringBuilder().append(report.size()).append(" bytes");
        if (report.abi() != null) {
            what.append(report.command() ? ", a command" : ", a library")
                    .append(", abi ")
                    .append(report.abi());
        }
        ModuleReport.Memory memory = report.memory();
        if (memory != null) {
            what.append(memory.shared() ? ", shared memory of " : ", memory of ")
                    .append(memory.initialPages())
                    .append(" to ")
                    .append(memory.maximumPages())
                    .append(" pages of 64 KiB");
        }
        return what.toString();
    }

    private void imports(StringBuilder text, Paint paint) {
        long served = report.imports().stream().filter(ImportedFunction::served).count();
        if (report.imports().isEmpty()) {
            return;
        }
        line(
                text,
                0,
                paint.bold("imports")
                        + ": "
                        + report.imports().size()
                        + (report.imports().size() == 1 ? " function, " : " functions, ")
                        + served
                        + " served");
        int width =
                report.imports().stream().mapToInt(each -> title(each).length()).max().orElse(0);
        for (ImportedFunction each : report.imports()) {
            String outcome =
                    each.served()
                            ? paint.green("served")
                                    + (each.asks() == null ? "" : ", asks for: " + each.asks())
                            : paint.red("not served") + ": " + each.problem();
            line(text, 1, String.format("%-" + width + "s  %s", title(each), outcome));
        }
    }

    private void libraries(StringBuilder text, Paint paint) {
        if (libraries.isEmpty()) {
            return;
        }
        line(text, 0, paint.bold("needs libraries"));
        for (NeededLibraries.Needed each : libraries) {
            String where =
                    each.file() != null
                            ? paint.green("found") + ": " + each.file()
                            : paint.red("not found") + notThere(each.searched());
            String user = each.by() == null ? "" : ", for " + Printable.foreign(each.by());
            line(text, 1, Printable.foreign(each.name()) + user + "  " + where);
        }
    }

    private static String notThere(List<String> searched) {
        return searched.isEmpty()
                ? " in the volumes"
                : " in "
                        + Printable.foreign(String.join(", ", searched))
                        + " of the volumes (--volume HOST:/lib)";
    }

    private static String title(ImportedFunction function) {
        return Printable.foreign(function.module() + "." + function.name());
    }

    private void grants(StringBuilder text, Paint paint) {
        if (grants.isEmpty()) {
            return;
        }
        line(text, 0, paint.bold("grants") + " that it may need:");
        for (Grant grant : grants) {
            line(text, 1, grant.kind() + ", for " + String.join(", ", grant.functions()));
            line(
                    text,
                    2,
                    grant.given().isEmpty()
                            ? paint.yellow("not given") + " (" + grant.options() + ")"
                            : paint.green("given")
                                    + ": "
                                    + Printable.line(String.join(", ", grant.given())));
        }
    }

    private static void line(StringBuilder text, int depth, String content) {
        text.append("  ".repeat(depth)).append(content).append('\n');
    }

    // ---- as JSON

    /** For programs: one object. */
    String json() {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        ObjectNode root = nodes.objectNode();
        root.put("module", report.name());
        root.put("size", report.size());
        root.put("abi", report.abi());
        root.put("command", report.command());
        root.put("runnable", runnable());
        obstacles.forEach(root.putArray("obstacles")::add);
        report.remarks().forEach(root.putArray("remarks")::add);
        ModuleReport.Memory memory = report.memory();
        if (memory == null) {
            root.putNull("memory");
        } else {
            root.putObject("memory")
                    .put("initialPages", memory.initialPages())
                    .put("maximumPages", memory.maximumPages())
                    .put("shared", memory.shared())
                    .put("imported", memory.imported());
        }
        ArrayNode imports = root.putArray("imports");
        for (ImportedFunction each : report.imports()) {
            imports.addObject()
                    .put("module", each.module())
                    .put("name", each.name())
                    .put("type", each.type())
                    .put("served", each.served())
                    .put("problem", each.problem())
                    .put("asks", each.asks());
        }
        report.exports().forEach(root.putArray("exports")::add);
        ArrayNode needed = root.putArray("libraries");
        for (NeededLibraries.Needed each : libraries) {
            ObjectNode node =
                    needed.addObject()
                            .put("name", each.name())
                            .put("neededBy", each.by())
                            .put("found", each.file() == null ? null : each.file().toString());
            each.searched().forEach(node.putArray("searched")::add);
        }
        ArrayNode needs = root.putArray("grants");
        for (Grant grant : grants) {
            ObjectNode node = needs.addObject().put("kind", grant.kind());
            grant.functions().forEach(node.putArray("functions")::add);
            node.put("options", grant.options());
            grant.given().forEach(node.putArray("given")::add);
        }
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(root)
                    + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
