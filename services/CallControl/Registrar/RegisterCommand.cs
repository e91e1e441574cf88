using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Registrar;

/// <summary>One contact of a REGISTER.</summary>
/// <param name="Uri">The Contact URI.</param>
/// <param name="Expires">The wish in seconds: the contact's own, else the Expires field's; null for none; 0 removes (RFC 3261 §10.2.1.1).</param>
/// <param name="Q">Preference in thousandths (§20.10).</param>
/// <param name="InstanceId"><c>+sip.instance</c> without angle brackets (RFC 5626 §4.1), or null.</param>
/// <param name="RegId"><c>reg-id</c>, or 0.</param>
internal sealed record ContactWish(SipUri Uri, uint? Expires, int Q, string? InstanceId, int RegId);

/// <summary>A REGISTER as the registrar understands it, free of SIP's syntax.</summary>
internal sealed record RegisterCommand
{
    /// <summary>Call-ID of the request.</summary>
    public required string CallId { get; init; }

    /// <summary>CSeq number of the request.</summary>
    public required uint CSeq { get; init; }

    /// <summary><c>Contact: *</c> with <c>Expires: 0</c>: all bindings go.</summary>
    public bool RemoveAll { get; init; }

    /// <summary>The contacts; none means that the phone only asks what is there.</summary>
    public IReadOnlyList<ContactWish> Contacts { get; init; } = [];

    /// <summary>Reads a REGISTER (RFC 3261 §10.3 steps 5 to 7).</summary>
    /// <param name="request">A REGISTER without parse fault.</param>
    /// <param name="command">The command, or null.</param>
    /// <returns>Null, or why it is refused with 400.</returns>
    public static string? Read(SipRequest request, out RegisterCommand? command)
    {
        command = null;
        uint? expires = request.Expires;
        if (request.HasStarContact)
        {
            // Step 6: the star stands alone, and only with an expiry of zero.
            if (request.Contacts.Count > 0 || request.Headers.GetValues(SipHeaderName.Contact).Skip(1).Any())
                return "Star Contact Not Alone";
            if (expires != 0)
                return "Star Contact Without Expires 0";
            command = new RegisterCommand { CallId = request.CallId, CSeq = request.CSeq.Number, RemoveAll = true };
            return null;
        }
        List<ContactWish> wishes = new(request.Contacts.Count);
        foreach (NameAddress contact in request.Contacts)
        {
            if (!contact.Uri.IsSip)
                return "Contact Not SIP";
            wishes.Add(new ContactWish(
                contact.Uri, ReadExpires(contact.Parameters["expires"]) ?? expires, ReadQ(contact.Parameters["q"]),
                ReadInstance(contact.Parameters["+sip.instance"]), ReadRegId(contact.Parameters["reg-id"])));
        }
        command = new RegisterCommand { CallId = request.CallId, CSeq = request.CSeq.Number, Contacts = wishes };
        return null;
    }

    // §20.10: a malformed value is taken as 3600; too many digits for 32 bits mean "very long".
    private static uint? ReadExpires(string? text)
    {
        if (text is null)
            return null;
        if (uint.TryParse(text, System.Globalization.NumberStyles.None, null, out uint seconds))
            return seconds;
        return text.Length > 0 && text.All(char.IsAsciiDigit) ? uint.MaxValue : 3600;
    }

    private static int ReadQ(string? text) =>
        decimal.TryParse(text, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out decimal q)
            ? (int)(Math.Clamp(q, 0, 1) * 1000)
            : 1000;

    private static string? ReadInstance(string? text)
    {
        string? instance = text?.Trim().TrimStart('<').TrimEnd('>');
        return instance is { Length: > 0 and <= 200 } ? instance : null;
    }

    private static int ReadRegId(string? text) => int.TryParse(text, System.Globalization.NumberStyles.None, null, out int id) ? id : 0;
}
