using System.Globalization;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>The notifier (RFC 6665 §4.2): SUBSCRIBEs that are refused, taken, taken over.</summary>
public sealed partial class UserAgentLayer
{
    /// <summary>Looks at what a SUBSCRIBE asks for; refuses what cannot be had: 489 another package, 406 another format, 423 too short a time, 400 what is malformed (RFC 6665 §4.2.1.1).</summary>
    /// <param name="transaction">The SUBSCRIBE, from somebody who may subscribe.</param>
    /// <param name="packages">The packages that are served.</param>
    /// <returns>What it asks for; <see langword="null"/> where it was refused.</returns>
    public SubscriptionWish? Judge(ServerTransaction transaction, IReadOnlyList<SubscriptionTerms> packages)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(packages);
        SipRequest request = transaction.Request;
        EventType? type = EventType.TryParse(request.Headers.Get(SipHeaderName.Event));
        SubscriptionTerms? terms = packages.FirstOrDefault(known => known.Package == type?.Package);
        if (type is null || terms is null)
            Refuse(transaction, 489, SipHeaderName.AllowEvents, string.Join(", ", packages.Select(known => known.Package)));
        else if (!Accepts(request, terms.ContentType))
            Refuse(transaction, 406, SipHeaderName.Accept, terms.ContentType);
        else if (request.To.Tag is null && request.Contacts.Count == 0)
            transaction.Respond(400, "Contact Is Missing", Tokens.NewTag());        // §8.1: it makes a dialog, which needs one
        else if (request.Headers.Has(SipHeaderName.Expires) && request.Expires is null)
            transaction.Respond(400, "Bad Expires", Tokens.NewTag());
        else if (request.Expires is > 0 and { } wish && wish < terms.MinimumExpires.TotalSeconds)
            Refuse(transaction, 423, SipHeaderName.MinExpires, terms.MinimumExpires.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        else
            return new SubscriptionWish(terms, type, Grant(request.Expires, terms));
        return null;
    }

    /// <summary>Takes a SUBSCRIBE that makes a subscription: it is answered with 200, and the first NOTIFY follows at once (RFC 6665 §4.2.1.2).</summary>
    /// <param name="transaction">The SUBSCRIBE, not answered.</param>
    /// <param name="wish">What it asks for, by <see cref="Judge"/>.</param>
    /// <param name="contact">Our Contact, for the whole dialog.</param>
    /// <param name="content">Makes the present state for a NOTIFY, given its number; <see langword="null"/> for none.</param>
    /// <returns>The subscription; one that asked for a look only is over already.</returns>
    public Subscription Accept(ServerTransaction transaction, SubscriptionWish wish, NameAddress contact, Func<uint, MessageBody?> content)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(wish);
        ArgumentNullException.ThrowIfNull(contact);
        ArgumentNullException.ThrowIfNull(content);
        SipRequest request = transaction.Request;
        if (request.Method != SipMethod.Subscribe || request.To.Tag is not null || transaction.IsAnswered)
            throw new ArgumentException("Only a SUBSCRIBE outside a dialog without final response can be taken.", nameof(transaction));
        Dialog dialog = Dialog.FromRequest(request, Tokens.NewTag(), contact, transaction.Flow.IsSecure);
        dialog.Confirm(null);
        Subscription subscription = new(this, dialog, transaction.Flow, wish.Terms, wish.Event, content);
        Register(subscription.Id, subscription);
        subscription.Begin(transaction, wish.Granted);
        return subscription;
    }

    /// <summary>Takes a subscription over. Nothing is sent: its owner says when by <see cref="Subscription.Notify"/>.</summary>
    /// <param name="state">Its stored state.</param>
    /// <param name="flow">The flow to the subscriber.</param>
    /// <param name="terms">The package.</param>
    /// <param name="content">As for <see cref="Accept"/>.</param>
    /// <returns>The subscription.</returns>
    /// <exception cref="ArgumentException">A malformed state.</exception>
    public Subscription Restore(SubscriptionState state, Flow flow, SubscriptionTerms terms, Func<uint, MessageBody?> content)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(content);
        EventType type = EventType.TryParse(state.Event) ?? throw new ArgumentException("Event is none.", nameof(state));
        Subscription subscription = new(this, new Dialog(state.Dialog), flow, terms, type, content);
        Register(subscription.Id, subscription);
        subscription.Resume(state);
        return subscription;
    }

    private static TimeSpan Grant(uint? wish, SubscriptionTerms terms)
    {
        TimeSpan asked = wish is { } seconds ? TimeSpan.FromSeconds(seconds) : terms.DefaultExpires;
        return asked < terms.MaximumExpires ? asked : terms.MaximumExpires;
    }

    private void Refuse(ServerTransaction transaction, int status, SipHeaderName field, string value)
    {
        SipResponse response = SipResponse.For(transaction.Request, status, toTag: Tokens.NewTag());
        response.Headers.Add(field, value);
        transaction.Respond(response);
    }

    // §4.2.1.1, §8.2.1 of RFC 3261: who names nothing takes what the package says.
    private static bool Accepts(SipRequest request, string contentType)
    {
        if (!request.Headers.Has(SipHeaderName.Accept))
            return true;
        ReadOnlySpan<char> range = contentType.AsSpan(0, contentType.IndexOf('/', StringComparison.Ordinal) + 1);
        foreach (string value in request.Headers.GetValues(SipHeaderName.Accept))
        {
            int end = value.IndexOf(';', StringComparison.Ordinal);
            ReadOnlySpan<char> type = (end < 0 ? value : value.AsSpan(0, end)).Trim();
            if (type.Equals(contentType, StringComparison.OrdinalIgnoreCase) || type is "*/*"
                || (type.Length == range.Length + 1 && type[^1] == '*' && type.StartsWith(range, StringComparison.OrdinalIgnoreCase)))
                return true;
        }
        return false;
    }
}
