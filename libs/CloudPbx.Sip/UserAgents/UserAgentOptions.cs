using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>What a <see cref="UserAgentLayer"/> says of itself and accepts.</summary>
public sealed record UserAgentOptions
{
    /// <summary>The option tag of reliable provisional responses (RFC 3262 §8.1).</summary>
    public const string Reliable = "100rel";

    /// <summary>Gets the methods that are accepted and named in Allow. Any other known method gets 405, an unknown one 501.</summary>
    public IReadOnlyList<SipMethod> Methods { get; init; } =
        [SipMethod.Invite, SipMethod.Ack, SipMethod.Bye, SipMethod.Cancel, SipMethod.Options, SipMethod.Update, SipMethod.Info, SipMethod.Message, SipMethod.Prack];

    /// <summary>
    /// Gets whether the core is given the known methods that are not accepted, outside dialogs, in place of the layer's 405: a registrar wants to know who
    /// asks before it says anything (threat S7).
    /// </summary>
    public bool CoreRefusesMethods { get; init; }

    /// <summary>Gets whether the core is given INVITEs whose Request-URI is an emergency service (RFC 5031); else they get 416 like any URI of a scheme that is not known.</summary>
    public bool TakesEmergencyServices { get; init; }

    /// <summary>Gets the option tags that are understood in Require and named in Supported; <c>100rel</c> and <c>timer</c> as each leg's <see cref="ReliablePolicy"/> and <see cref="SessionTimerPolicy"/> say.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [Reliable, SessionTimer.OptionTag];

    /// <summary>Gets the value of User-Agent and Server; <see langword="null"/> to send neither.</summary>
    public string? Product { get; init; }

    /// <summary>Gets the Max-Forwards of new requests (RFC 3261 §8.1.1.6).</summary>
    public int MaxForwards { get; init; } = 70;

    /// <summary>Gets how many transactions may be under way at once; above it new work is refused or dropped (see <c>TransactionLayer</c>).</summary>
    public int MaximumTransactions { get; init; } = 20_000;

    /// <summary>Gets which INVITEs that begin a call are taken above that, too, up to <c>TransactionLayer.MaximumBeyond</c> at once: nobody may refuse them. <see langword="null"/> for none.</summary>
    public Func<SipRequest, bool>? IsNeverRefused { get; init; }
}
