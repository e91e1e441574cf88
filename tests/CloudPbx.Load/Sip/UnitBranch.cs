using System.Buffers.Text;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Load.Sip;

/// <summary>The Via branch of a load's requests: it names the unit and the step, so that an answer finds its unit without a table of transactions.</summary>
internal static class UnitBranch
{
    private static ReadOnlySpan<byte> Prefix => "branch=z9hG4bKload"u8;

    public static void Write(ref OctetWriter writer, uint unit, int step)
    {
        writer.Write("z9hG4bKload"u8);
        writer.WriteHexadecimal(unit);
        writer.Write("."u8);
        writer.Write(step);
    }

    public static bool TryRead(ReadOnlySpan<byte> message, out uint unit, out int step)
    {
        unit = 0;
        step = 0;
        int at = message.IndexOf(Prefix);
        if (at < 0)
            return false;
        ReadOnlySpan<byte> text = message[(at + Prefix.Length)..];
        return text.Length > 9 && Utf8Parser.TryParse(text[..8], out unit, out int read, 'x') && read == 8 && Utf8Parser.TryParse(text[9..], out step, out _);
    }
}
