using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Carriers;

/// <summary>
/// Where a caller says that it is (RFC 6442): Geolocation header fields, and the presence documents with a place (PIDF-LO) that they name in the same message. A call for help takes it along to the
/// carrier, as it came; every other call goes without, since where somebody is, is nobody's business.
/// </summary>
/// <param name="Fields">Geolocation and Geolocation-Routing.</param>
/// <param name="Documents">The parts of the body that they name.</param>
internal sealed record CallerLocation(IReadOnlyList<HeaderField> Fields, IReadOnlyList<MessageBody> Documents)
{
    private const string Geolocation = "Geolocation", GeolocationRouting = "Geolocation-Routing", Document = "application/pidf+xml";
    private const int MostValues = 4, LongestValue = 512, LongestDocument = 8192;

    private static readonly CallerLocation s_untold = new([], []);

    /// <summary>Reads an INVITE.</summary>
    /// <returns>What it says, of a bearable size; nothing where no Geolocation names a place, by reference or in the message. Never throws.</returns>
    public static CallerLocation Of(SipRequest invite)
    {
        List<string> values = [.. invite.Headers.GetAll(Geolocation).Where(value => value.Length <= LongestValue).Take(MostValues)];
        if (values.Count == 0)
            return s_untold;
        List<MessageBody> documents = [.. MessageBody.PartsOf(invite)
            .Where(part => part.ContentId is { } id && part.Octets.Length <= LongestDocument && part.ContentType.StartsWith(Document, StringComparison.OrdinalIgnoreCase)
                && values.Exists(value => Names(value, id)))];
        values.RemoveAll(value => value.Contains("cid:", StringComparison.OrdinalIgnoreCase) && !documents.Exists(document => Names(value, document.ContentId!)));      // RFC 6442 §4.1: what is named is there
        if (values.Count == 0)
            return s_untold;
        return new CallerLocation(
            [.. values.Select(value => new HeaderField(Geolocation, value)), .. invite.Headers.GetAll(GeolocationRouting).Take(1).Select(value => new HeaderField(GeolocationRouting, value))], documents);
    }

    /// <summary>A body that has the documents beside what the INVITE has anyway.</summary>
    /// <param name="offer">The session description; null where the carrier is to offer.</param>
    public MessageBody? Beside(MessageBody? offer) => Documents.Count == 0 ? offer : MessageBody.Mixed([.. offer is null ? [] : new[] { offer }, .. Documents]);

    // RFC 2392 §2: the name is escaped in the URL, and not where it stands in Content-ID.
    private static bool Names(string value, string id) =>
        Uri.UnescapeDataString(value).Contains($"cid:{id}>", StringComparison.OrdinalIgnoreCase);
}
