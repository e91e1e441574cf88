using CloudPbx.CallControl.Calls;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Carriers;

/// <summary>Writes an INVITE the way a carrier's profile wants it.</summary>
/// <param name="side">The carrier, and the number that is shown there.</param>
/// <param name="number">The called number in the carrier's form.</param>
/// <param name="extension">The calling extension.</param>
/// <param name="domain">The tenant's own domain.</param>
/// <param name="hides">The caller wants its number hidden.</param>
internal sealed class CarrierInvite(CarrierSide side, string number, string extension, string domain, bool hides)
{
    private static readonly SipUri s_anonymous = SipUri.Parse("sip:anonymous@anonymous.invalid");

    private readonly TrunkProfile _profile = side.Trunk.Profile;
    private readonly TrunkServer _server = side.Trunk.Server;

    /// <summary>The numbers of ours that sent the call on, first one first, in the carrier's form.</summary>
    public IReadOnlyList<ForwardHop> Diverters { get; init; } = [];

    /// <summary>What the carrier by which the call came said of its way.</summary>
    public ReceivedWay Received { get; init; } = ReceivedWay.None;

    /// <summary>What vouches for the caller's own number, where that is shown: Identity header fields as they came (RFC 8224).</summary>
    public IReadOnlyList<string> Vouchers { get; init; } = [];

    /// <summary>The whole INVITE but what the leg adds: Contact, body, Max-Forwards.</summary>
    public OutgoingInviteOptions ToOptions(NameAddress contact) => new()
    {
        RequestUri = CalledUri(_profile.RequestUriParameters),
        From = new NameAddress(FromUri()),
        To = new NameAddress(CalledUri(_profile.ParametersInFromAndTo ? _profile.RequestUriParameters : "")),
        Contact = contact,
        Headers = [.. Identities(), .. Ways(), .. Vouchers.Select(voucher => new HeaderField("Identity", voucher))],
        Authentication = side.Authentication,
    };

    /// <summary>Parameters as they are written in a profile, in a URI.</summary>
    public static SipUri WithParameters(SipUri uri, string parameters)
    {
        foreach (string parameter in parameters.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = parameter.IndexOf('=', StringComparison.Ordinal);
            uri = equals < 0 ? uri.WithParameter(parameter) : uri.WithParameter(parameter[..equals], parameter[(equals + 1)..]);
        }
        return uri;
    }

    // The host stays the name that was configured; only the next hop is resolved (I8).
    private SipUri CalledUri(string parameters)
    {
        if (number.StartsWith("urn:", StringComparison.Ordinal))
            return SipUri.Parse(number);                          // an emergency service that no number is known for (RFC 5031), as the router has read it
        if (_profile.UriScheme != TrunkUriScheme.Tel)
            return WithParameters(new SipUri(SipScheme.Sip, number, _server.Host, _server.Port), parameters);
        return SipUri.TryParse($"tel:{number}{string.Concat(TelParameters(parameters))}", out SipUri? uri) ? uri : new SipUri(SipScheme.Sip, number, _server.Host, _server.Port);
    }

    /// <summary>Parameters of a tel URI in their order: subaddress and extension, the context of a number that is none of the world's (§5.1.5), the others by name (RFC 3966 §3). <c>user=phone</c> says in a SIP URI what this scheme says.</summary>
    private IEnumerable<string> TelParameters(string parameters)
    {
        IEnumerable<(string Name, string Text)> all = parameters.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(text => (Name: text.Split('=')[0].ToLowerInvariant(), Text: text)).Where(parameter => parameter.Name != "user");
        if (number.StartsWith('+'))
            all = all.Where(parameter => parameter.Name != "phone-context");
        else if (!all.Any(parameter => parameter.Name == "phone-context"))
            all = all.Append(("phone-context", $"phone-context={_server.Host}"));
        return all.OrderBy(parameter => parameter.Name switch { "isub" or "ext" => 0, "phone-context" => 1, _ => 2 }).ThenBy(parameter => parameter.Name, StringComparer.Ordinal)
            .Select(parameter => ";" + parameter.Text);
    }

    private SipUri FromUri()
    {
        if (hides)
            return s_anonymous;                                   // RFC 3323 §4.1.1.3
        if ((Expand(_profile.FromUser) ?? side.Account?.User) is not { } user)
            return s_anonymous;
        SipUri uri = new(SipScheme.Sip, user, Expand(_profile.FromDomain) ?? _server.Host);
        return _profile.ParametersInFromAndTo ? WithParameters(uri, _profile.RequestUriParameters) : uri;
    }

    private IEnumerable<HeaderField> Identities()
    {
        // Without Privacy the carrier itself is told nothing of a caller that hides.
        if (hides && !_profile.Privacy)
            yield break;
        if (Expand(_profile.AssertedIdentity) is { } asserted)
            yield return new HeaderField("P-Asserted-Identity", $"<{UriOf(asserted)}>");
        if (Expand(_profile.PreferredIdentity) is { } preferred)
            yield return new HeaderField("P-Preferred-Identity", $"<{UriOf(preferred)}>");
        if (Expand(_profile.RemotePartyId) is { } party)
            yield return new HeaderField("Remote-Party-ID", $"<{UriOf(party)}>;party=calling;screen=yes;privacy={(hides ? "full" : "off")}");
        if (hides)
            yield return new HeaderField("Privacy", "id");        // RFC 3325 §9.3
    }

    /// <summary>The way of a call that was sent on: carriers let a number pass that is not ours where it says why (I12).</summary>
    private IEnumerable<HeaderField> Ways()
    {
        if (Diverters.Count == 0)
            yield break;
        if (_profile.Diversion)
        {
            foreach (ForwardHop diverter in Diverters.Reverse())      // RFC 5806 §4.1: the latest first
                yield return new HeaderField("Diversion", $"<{UriOf(diverter.Number)}>;reason={diverter.DiversionReason};counter=1{(hides ? ";privacy=full" : "")}");
            foreach (string earlier in Received.Diversions)
                yield return new HeaderField("Diversion", earlier);
        }
        if (_profile.HistoryInfo)
            foreach (HeaderField entry in Received.HistoryOf([.. Diverters.Select(diverter => (UriOf(diverter.Number), diverter.Cause))], CalledUri("")))
                yield return entry;
    }

    private SipUri UriOf(string user) => new(SipScheme.Sip, user, Expand(_profile.FromDomain) ?? _server.Host);

    /// <summary>A template with its values; null where it is empty or one of them is not there.</summary>
    private string? Expand(string template)
    {
        if (template.Length == 0
            || (side.CallerNumber is null && template.Contains("{caller}", StringComparison.Ordinal))
            || (side.Account is null && template.Contains("{account}", StringComparison.Ordinal)))
            return null;
        return template
            .Replace("{caller}", side.CallerNumber, StringComparison.Ordinal).Replace("{account}", side.Account?.User, StringComparison.Ordinal)
            .Replace("{extension}", extension, StringComparison.Ordinal).Replace("{server}", _server.Host, StringComparison.Ordinal)
            .Replace("{domain}", domain, StringComparison.Ordinal);
    }
}
