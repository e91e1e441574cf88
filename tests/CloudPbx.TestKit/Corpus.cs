using System.Text.Json;

namespace CloudPbx.TestKit;

/// <summary>Literal messages: those of RFC 4475 and RFC 5118, and captured ones. See Corpus/README.md.</summary>
public static class Corpus
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    /// <summary>The 49 messages of RFC 4475.</summary>
    public static IReadOnlyList<TortureMessage> Rfc4475 { get; } = ReadIndex("rfc4475");

    /// <summary>The 12 messages of RFC 5118, as they travel.</summary>
    public static IReadOnlyList<TortureMessage> Rfc5118 { get; } = ReadIndex("rfc5118");

    /// <summary>The octets of one file, e.g. <c>rfc4475/wsinv.dat</c> or <c>captured/invite-with-sdp.sip</c>.</summary>
    public static byte[] Load(string path)
    {
        using Stream stream = typeof(Corpus).Assembly.GetManifestResourceStream(path)
            ?? throw new ArgumentException($"The corpus has no file {path}.", nameof(path));
        byte[] octets = new byte[stream.Length];
        stream.ReadExactly(octets);
        return octets;
    }

    /// <summary>The paths of all message files below a folder, e.g. <c>captured</c>.</summary>
    public static IEnumerable<string> Files(string folder) => typeof(Corpus).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal) && !name.EndsWith(".json", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static TortureMessage[] ReadIndex(string folder) =>
        [.. JsonSerializer.Deserialize<TortureMessage[]>(Load($"{folder}/index.json"), s_json)!
            .Select(message => message with { File = $"{folder}/{message.File}" })];
}
