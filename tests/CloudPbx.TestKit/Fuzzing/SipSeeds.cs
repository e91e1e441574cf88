using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.TestKit.Fuzzing;

/// <summary>Good inputs for <see cref="SipTargets"/>, from the corpus.</summary>
public static class SipSeeds
{
    /// <summary>All messages.</summary>
    public static IReadOnlyList<byte[]> Messages { get; } =
        [.. new[] { "rfc4475", "rfc5118/wire", "captured" }.SelectMany(Corpus.Files).Select(Corpus.Load)];

    /// <summary>The values of all fields that hold URIs, and Request-URIs.</summary>
    public static IReadOnlyList<byte[]> Uris { get; } = [.. Messages.SelectMany(Values)];

    /// <summary>Streams of two messages with keep-alives between, after the octet that says where to cut.</summary>
    public static IReadOnlyList<byte[]> Streams { get; } =
        [.. Messages.Zip(Messages.Skip(1)).Select((pair, i) => (byte[])[(byte)i, .. pair.First, .. "\r\n\r\n"u8, .. pair.Second, .. "\r\n"u8])];

    /// <summary>The bodies of all messages that have one.</summary>
    public static IReadOnlyList<byte[]> Bodies { get; } = [.. Messages.Select(Body).Where(body => body.Length > 0)];

    /// <summary>The values of all fields that begin with a word, for example <c>Digest</c>.</summary>
    public static IEnumerable<byte[]> Values(string word)
    {
        foreach (byte[] octets in Messages)
        {
            SipMessageView.Parse(octets, out SipMessageView view);
            List<byte[]> values = [];
            for (int i = 0; i < view.HeaderCount; i++)
                if (view.GetHeader(i).Value.StartsWith(Encoding.ASCII.GetBytes(word)))
                    values.Add(view.GetHeader(i).Value.ToArray());
            foreach (byte[] value in values)
                yield return value;
        }
    }

    private static byte[] Body(byte[] octets)
    {
        SipMessageView.Parse(octets, out SipMessageView view);
        return view.Body.ToArray();
    }

    private static IEnumerable<byte[]> Values(byte[] octets)
    {
        List<byte[]> values = [];
        SipMessageView.Parse(octets, out SipMessageView view);
        values.Add(view.RequestUri.ToArray());
        for (int i = 0; i < view.HeaderCount; i++)
        {
            ReadOnlySpan<byte> value = view.GetHeader(i).Value;
            if (view.GetHeader(i).Name is SipHeaderName.Via or SipHeaderName.From or SipHeaderName.To or SipHeaderName.Contact or SipHeaderName.Route)
                values.Add(value.ToArray());
            if (value.IndexOf((byte)'<') is int open and >= 0 && value.IndexOf((byte)'>') is int close && close > open)
                values.Add(value[(open + 1)..close].ToArray());
        }
        return values.Where(value => value.Length > 0);
    }
}
