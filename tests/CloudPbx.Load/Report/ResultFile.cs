using System.Text.Encodings.Web;
using System.Text.Json;

namespace CloudPbx.Load.Report;

/// <summary>The results for a program.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>An array of <c>{"name","unit","ours","peer","peerName","ratio","floor"}</c>; null where there is none.</summary>
    public static string Text(IEnumerable<BenchResult> results) => JsonSerializer.Serialize(
        results.Select(r => new { r.Name, r.Unit, Ours = Rounded(r.Ours), Peer = Rounded(r.Peer), r.PeerName, Ratio = Rounded(r.Ratio), Floor = Rounded(r.Floor) }), s_options);

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 3) : null;
}
