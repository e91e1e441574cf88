using System.Text;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Edge.Dispatch;

/// <summary>A carrier that is known by its address, or by a line that is registered there: whose its calls are, and where they say so.</summary>
internal sealed class Carrier
{
    private readonly NumberRewriter _calledIn;
    private readonly CalledNumberSource _source;
    private readonly bool _elseTo;

    public Carrier(CarrierSource source) => (Tenant, _source, _calledIn) = (source.Tenant?.Value, source.CalledNumberFrom, new NumberRewriter(source.CalledIn));

    /// <summary>A carrier at which a shared trunk's lines are registered: it calls their Contact, so the number is elsewhere.</summary>
    public Carrier(SharedLineSource line) =>
        (_source, _elseTo, _calledIn) = (line.CalledNumberFrom == CalledNumberSource.RequestUri ? CalledNumberSource.To : line.CalledNumberFrom, true, new NumberRewriter(line.CalledIn));

    /// <summary>The only tenant that it serves; null where the called number decides.</summary>
    public Guid? Tenant { get; }

    /// <summary>The called number of a request, as the directory writes numbers, perhaps without its plus; null where there is none.</summary>
    /// <remarks>Allocates: carriers that several tenants share are few, and their calls few beside all else.</remarks>
    public string? ReadCalledNumber(in SipMessageView request) => ReadCalledNumber(request, _source) ?? (_elseTo && _source != CalledNumberSource.To ? ReadCalledNumber(request, CalledNumberSource.To) : null);

    private string? ReadCalledNumber(in SipMessageView request, CalledNumberSource from)
    {
        ReadOnlySpan<byte> user = default;
        bool isTel = false;
        if (from == CalledNumberSource.RequestUri)
        {
            if (SipUriView.Parse(request.RequestUri, out SipUriView uri) == SipParseError.None)
                user = NumberOf(uri, out isTel);
        }
        else if (request.TryFind(FieldOf(from), out SipHeaderView header))
        {
            var values = new SipValueReader(header.Value);
            if (values.TryRead(out ReadOnlySpan<byte> first) && NameAddressView.Parse(first, out NameAddressView address) == SipParseError.None)
                user = NumberOf(address.Uri, out isTel);
        }
        if (user.IsEmpty || user.Length > NumberRewriter.MaximumLength)
            return null;
        // As its worker reads it: an escaped digit is that digit (RFC 3261 §19.1.4), and what people write between those of a tel URI is nothing (RFC 3966 §5.1.1).
        string number = Uri.UnescapeDataString(Encoding.UTF8.GetString(user));
        return _calledIn.Rewrite(isTel ? string.Concat(number.Where(c => c is not ('-' or '.' or '(' or ')'))) : number);
    }

    private static SipHeaderName FieldOf(CalledNumberSource source) => source switch
    {
        CalledNumberSource.To => SipHeaderName.To,
        CalledNumberSource.PCalledPartyId => SipHeaderName.PCalledPartyId,
        _ => SipHeaderName.Diversion,
    };

    // A tel URI's number is its host to the parser; parameters of a number are not the number (RFC 3261 §19.1.6).
    private static ReadOnlySpan<byte> NumberOf(SipUriView uri, out bool isTel)
    {
        ReadOnlySpan<byte> user = uri.User;
        isTel = uri.Scheme == SipScheme.Tel;
        if (isTel)
            user = uri.Text[(uri.Text.IndexOf((byte)':') + 1)..];
        int end = user.IndexOf((byte)';');
        return end < 0 ? user : user[..end];
    }
}
