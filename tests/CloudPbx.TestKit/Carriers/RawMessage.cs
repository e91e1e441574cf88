using System.Globalization;
using System.Net;
using System.Text;

namespace CloudPbx.TestKit.Carriers;

/// <summary>
/// Octets that came from the product, and a reader just good enough for a script: fields by name, tags, branch, lines of the body. It is no parser of ours, so
/// that a misreading of our stack cannot hide on both sides.
/// </summary>
public sealed class RawMessage
{
    private static readonly Dictionary<string, string> s_compact = new(StringComparer.OrdinalIgnoreCase)
    {
        ["v"] = "Via", ["f"] = "From", ["t"] = "To", ["i"] = "Call-ID", ["m"] = "Contact", ["l"] = "Content-Length", ["c"] = "Content-Type", ["k"] = "Supported",
    };

    private readonly List<(string Name, string Value)> _fields = [];

    internal RawMessage(byte[] octets, Action<byte[]> reply)
    {
        (Octets, Reply) = (octets, reply);
        Text = Encoding.Latin1.GetString(octets);
        int end = Text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        string[] lines = (end < 0 ? Text : Text[..end]).Split("\r\n");
        (StartLine, Body) = (lines[0], end < 0 ? "" : Text[(end + 4)..]);
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0) continue;
            string name = line[..colon].Trim();
            _fields.Add((s_compact.GetValueOrDefault(name, name), line[(colon + 1)..].Trim()));
        }
    }

    /// <summary>The message as it came.</summary>
    public byte[] Octets { get; }

    /// <summary>The same as text.</summary>
    public string Text { get; }

    /// <summary>Its first line.</summary>
    public string StartLine { get; }

    /// <summary>What stands behind the empty line.</summary>
    public string Body { get; }

    /// <summary>Whether it is a request.</summary>
    public bool IsRequest => !StartLine.StartsWith("SIP/2.0 ", StringComparison.Ordinal);

    /// <summary>The method of a request; of a response that of its CSeq.</summary>
    public string Method => IsRequest ? StartLine.Split(' ')[0] : this["CSeq"].Split(' ')[^1];

    /// <summary>The status of a response; 0 of a request.</summary>
    public int Status => IsRequest ? 0 : int.Parse(StartLine.AsSpan(8, 3), CultureInfo.InvariantCulture);

    /// <summary>The Request-URI of a request.</summary>
    public string RequestUri => IsRequest ? StartLine.Split(' ')[1] : "";

    /// <summary>The number in CSeq.</summary>
    public int Sequence => int.Parse(this["CSeq"].Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>The branch of the topmost Via.</summary>
    public string Branch => Parameter(this["Via"], "branch");

    /// <summary>The URI of Contact.</summary>
    public string Target => Between(this["Contact"]);

    /// <summary>Where its session description wants the audio.</summary>
    public IPEndPoint Audio
    {
        get
        {
            string address = Line("c=").Split(' ')[^1], port = Line("m=audio ").Split(' ')[1];
            return new IPEndPoint(IPAddress.Parse(address), int.Parse(port, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The first value of a field; empty where there is none.</summary>
    public string this[string name] => All(name).FirstOrDefault("");

    /// <summary>All values of a field, a list in one line taken apart where it is one of addresses.</summary>
    public IReadOnlyList<string> All(string name) =>
        [.. _fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).SelectMany(field => name is "Route" or "Record-Route" ? field.Value.Replace(">,", ">\n", StringComparison.Ordinal).Split('\n', StringSplitOptions.TrimEntries) : [field.Value])];

    /// <summary>The tag of From or To; empty where there is none.</summary>
    public string Tag(string field) => Parameter(this[field][(this[field].IndexOf('>', StringComparison.Ordinal) + 1)..], "tag");

    /// <summary>The first line of the body that begins so; empty where there is none.</summary>
    public string Line(string start) => Lines(start).FirstOrDefault("");

    /// <summary>The lines of the body that begin so.</summary>
    public IReadOnlyList<string> Lines(string start) => [.. Body.Split("\r\n").Where(line => line.StartsWith(start, StringComparison.Ordinal))];

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Sends octets back where it came from.</summary>
    internal Action<byte[]> Reply { get; }

    /// <summary>What stays the same when it is sent again.</summary>
    internal string Identity => $"{StartLine}|{Branch}|{this["CSeq"]}|{Tag("To")}|{this["RSeq"]}";

    /// <summary>Whether it is what a script waits for: <c>INVITE</c>, <c>200 INVITE</c>, <c>200</c>, <c>CRLF</c>, or one of several with bars between them.</summary>
    internal bool Is(string what)
    {
        if (what.Contains('|', StringComparison.Ordinal)) return what.Split('|', StringSplitOptions.TrimEntries).Any(Is);
        if (what == "CRLF") return Text == "\r\n";
        if (!StartLine.Contains("SIP/2.0", StringComparison.Ordinal)) return false;
        string[] words = what.Split(' ');
        return char.IsAsciiDigit(words[0][0]) ? !IsRequest && StartLine.AsSpan(8).StartsWith(words[0]) && (words.Length == 1 || Method == words[1]) : IsRequest && Method == words[0];
    }

    private static string Between(string address)
    {
        int from = address.IndexOf('<', StringComparison.Ordinal), to = address.IndexOf('>', StringComparison.Ordinal);
        return from >= 0 && to > from ? address[(from + 1)..to] : address.Split(';')[0];
    }

    private static string Parameter(string value, string name)
    {
        foreach (string part in value.Split(';').Skip(1))
        {
            if (part.Trim().StartsWith(name + "=", StringComparison.OrdinalIgnoreCase))
                return part.Trim()[(name.Length + 1)..];
        }
        return "";
    }
}
