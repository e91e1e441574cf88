using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Proxying;

/// <summary>What this system takes: a worker says so in its answers, and an edge where it answers an OPTIONS itself.</summary>
public static class ServedMethods
{
    /// <summary>The bodies outside dialogs, as Accept names them (RFC 3261 §20.1).</summary>
    public const string Accept = "application/sdp";

    /// <summary>The methods in and outside dialogs.</summary>
    public static IReadOnlyList<SipMethod> All { get; } =
    [
        SipMethod.Invite, SipMethod.Ack, SipMethod.Bye, SipMethod.Cancel, SipMethod.Options, SipMethod.Register, SipMethod.Update, SipMethod.Info,
        SipMethod.Message, SipMethod.Prack, SipMethod.Subscribe, SipMethod.Refer, SipMethod.Notify,
    ];

    /// <summary>The same as Allow names them (RFC 3261 §20.5).</summary>
    public static string Allow { get; } = string.Join(", ", All.Select(method => method.Name));
}
