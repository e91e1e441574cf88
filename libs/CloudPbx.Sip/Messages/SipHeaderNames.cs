using System.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>Spelling of header field names: canonical, compact (RFC 3261 §7.3.3), and back.</summary>
public static class SipHeaderNames
{
    private const int Slots = 1024;     // a power of two, many times the names, so that most are found at the first look

    private static readonly (SipHeaderName Name, string Text)[] s_irregular =
    [
        (SipHeaderName.CallId, "Call-ID"), (SipHeaderName.CSeq, "CSeq"), (SipHeaderName.MimeVersion, "MIME-Version"), (SipHeaderName.MinSE, "Min-SE"),
        (SipHeaderName.PAssociatedUri, "P-Associated-URI"), (SipHeaderName.PCalledPartyId, "P-Called-Party-ID"), (SipHeaderName.RAck, "RAck"),
        (SipHeaderName.ReferredBy, "Referred-By"), (SipHeaderName.RemotePartyId, "Remote-Party-ID"), (SipHeaderName.RSeq, "RSeq"),
        (SipHeaderName.SipETag, "SIP-ETag"), (SipHeaderName.SipIfMatch, "SIP-If-Match"), (SipHeaderName.WwwAuthenticate, "WWW-Authenticate"),
    ];

    // RFC 3261 §20 and the registrations after it.
    private static readonly (char Letter, SipHeaderName Name)[] s_compact =
    [
        ('a', SipHeaderName.AcceptContact), ('b', SipHeaderName.ReferredBy), ('c', SipHeaderName.ContentType), ('d', SipHeaderName.RequestDisposition),
        ('e', SipHeaderName.ContentEncoding), ('f', SipHeaderName.From), ('i', SipHeaderName.CallId), ('j', SipHeaderName.RejectContact),
        ('k', SipHeaderName.Supported), ('l', SipHeaderName.ContentLength), ('m', SipHeaderName.Contact), ('o', SipHeaderName.Event),
        ('r', SipHeaderName.ReferTo), ('s', SipHeaderName.Subject), ('t', SipHeaderName.To), ('u', SipHeaderName.AllowEvents),
        ('v', SipHeaderName.Via), ('x', SipHeaderName.SessionExpires), ('y', SipHeaderName.Identity),
    ];

    private static readonly string[] s_text = MakeText();
    private static readonly byte[][] s_octets = [.. s_text.Select(Encoding.ASCII.GetBytes)];
    private static readonly SipHeaderName[] s_byLetter = MakeLetters();
    private static readonly SipHeaderName[] s_slots = MakeSlots();

    /// <summary>The known field of this name, whatever its case; compact forms too. <see cref="SipHeaderName.Other"/> for any other name.</summary>
    public static SipHeaderName Identify(ReadOnlySpan<byte> name)
    {
        if (name.Length <= 1)
            return name.IsEmpty || name[0] > 127 ? SipHeaderName.Other : s_byLetter[name[0]];
        for (int slot = SlotOf(name); s_slots[slot] != SipHeaderName.Other; slot = (slot + 1) % Slots)
        {
            byte[] known = s_octets[(int)s_slots[slot]];
            if (name.SequenceEqual(known) || SipAscii.EqualsIgnoreCase(name, known))       // most peers spell names as the RFCs do
                return s_slots[slot];
        }
        return SipHeaderName.Other;
    }

    /// <inheritdoc cref="Identify(ReadOnlySpan{byte})"/>
    public static SipHeaderName Identify(string name)
    {
        if (name.Length > SipLimits.FieldName)
            return SipHeaderName.Other;
        Span<byte> octets = stackalloc byte[3 * SipLimits.FieldName];
        return Identify(octets[..Encoding.UTF8.GetBytes(name, octets)]);
    }

    /// <summary>The name as the RFCs spell it, e.g. <c>Call-ID</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="SipHeaderName.Other"/> has no spelling.</exception>
    public static string ToText(this SipHeaderName name)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(name, SipHeaderName.Other);
        return s_text[(int)name];
    }

    private static int SlotOf(ReadOnlySpan<byte> name) =>
        (name.Length * 131 + (name[0] | 0x20) * 31 + (name[^1] | 0x20) * 7 + (name[name.Length / 2] | 0x20)) % Slots;

    // A hyphen before each capital but the first; the others are spelled out above.
    private static string[] MakeText()
    {
        string[] text = [.. Enum.GetNames<SipHeaderName>().Select(name =>
            string.Concat(name.Select((c, i) => i > 0 && char.IsAsciiLetterUpper(c) ? $"-{c}" : $"{c}")))];
        foreach ((SipHeaderName name, string irregular) in s_irregular)
            text[(int)name] = irregular;
        return text;
    }

    private static SipHeaderName[] MakeLetters()
    {
        SipHeaderName[] letters = new SipHeaderName[128];
        foreach ((char letter, SipHeaderName name) in s_compact)
            letters[letter] = letters[char.ToUpperInvariant(letter)] = name;
        return letters;
    }

    private static SipHeaderName[] MakeSlots()
    {
        SipHeaderName[] slots = new SipHeaderName[Slots];
        foreach (SipHeaderName name in Enum.GetValues<SipHeaderName>().Where(name => name != SipHeaderName.Other))
        {
            int slot = SlotOf(s_octets[(int)name]);
            while (slots[slot] != SipHeaderName.Other)
                slot = (slot + 1) % Slots;
            slots[slot] = name;
        }
        return slots;
    }
}
