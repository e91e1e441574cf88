using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.CallControl.Carriers;

/// <summary>Reads who calls and who is called out of a carrier's INVITE. Only for one that came from where the carrier is trusted.</summary>
internal static class InboundNumbers
{
    private const int LongestName = 128;

    /// <summary>The called number, as the carrier wrote it, from where the trunk's profile says; where it is not there, from To.</summary>
    public static string Called(SipRequest request, TrunkSettings trunk)
    {
        SipUri uri = trunk.Profile.CalledNumberFrom switch
        {
            CalledNumberSource.RequestUri => request.RequestUri,
            CalledNumberSource.PCalledPartyId => First(request, SipHeaderName.PCalledPartyId)?.Uri ?? request.To.Uri,
            CalledNumberSource.Diversion => First(request, SipHeaderName.Diversion)?.Uri ?? request.To.Uri,
            _ => request.To.Uri,
        };
        // A registered line's Contact is a token: the carrier that calls it writes the number into To.
        if (ContactToken.TryParse(uri.User, out _))
            uri = request.To.Uri;
        return NumberOf(uri);
    }

    /// <summary>The caller's number, as the carrier wrote it, and name; empty where the caller hides (RFC 3323, RFC 3325 §9.3).</summary>
    public static (string Number, string Name) Caller(SipRequest request)
    {
        bool hides = request.Headers.GetValues(SipHeaderName.Privacy).SelectMany(value => value.Split(';', StringSplitOptions.TrimEntries))
            .Any(value => value.Equals("id", StringComparison.OrdinalIgnoreCase) || value.Equals("user", StringComparison.OrdinalIgnoreCase) || value.Equals("header", StringComparison.OrdinalIgnoreCase));
        NameAddress from = request.From;
        if (hides || IsAnonymous(from.Uri))
            return ("", "");
        NameAddress identity = First(request, SipHeaderName.PAssertedIdentity) ?? First(request, SipHeaderName.RemotePartyId) ?? from;
        string name = from.DisplayName ?? identity.DisplayName ?? "";
        return (NumberOf(identity.Uri), name.Length > LongestName ? name[..LongestName] : name);
    }

    private static bool IsAnonymous(SipUri uri) =>
        string.Equals(uri.Host, "anonymous.invalid", StringComparison.OrdinalIgnoreCase) || string.Equals(uri.User, "anonymous", StringComparison.OrdinalIgnoreCase);

    /// <summary>The number of a URI, without what people write between digits.</summary>
    public static string NumberOf(SipUri uri)
    {
        if (uri.Scheme != SipScheme.Tel)
            return Router.DialledString(uri);
        string text = uri.ToString();
        text = text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..];
        int parameters = text.IndexOf(';', StringComparison.Ordinal);
        string number = parameters < 0 ? text : text[..parameters];
        return string.Concat(number.Where(c => c is not ('-' or '.' or '(' or ')')));       // RFC 3966 §5.1.1
    }

    private static NameAddress? First(SipRequest request, SipHeaderName name) =>
        request.Headers.GetValues(name) is [{ } value, ..] && NameAddress.TryParse(value, out NameAddress? address) ? address : null;
}
