using CloudPbx.MediaControl;
using CloudPbx.State.Bindings;
using DevicePolicy = CloudPbx.Contracts.Api.SrtpPolicy;

namespace CloudPbx.CallControl.Calls;

/// <summary>
/// Whether a phone is offered SRTP. Some phones refuse the form that they do not want, so the other one is tried once. Browsers know DTLS-SRTP alone (RFC 8827 §6.5) and are
/// offered that whatever their device's policy is.
/// </summary>
internal static class SrtpChoice
{
    private static readonly TimeSpan s_promptRefusal = TimeSpan.FromMilliseconds(500);

    /// <summary>The policy of a media leg towards a device.</summary>
    public static SrtpPolicy PolicyOf(DevicePolicy device) => device switch
    {
        DevicePolicy.Off => SrtpPolicy.Off,
        DevicePolicy.Required => SrtpPolicy.Required,
        _ => SrtpPolicy.Optional,
    };

    /// <summary>The form of the first offer: what worked last; else SRTP where the signalling is encrypted, since only there its keys are secret.</summary>
    public static bool OffersSrtp(DevicePolicy device, Binding binding) => device switch
    {
        DevicePolicy.Off => false,
        DevicePolicy.Required => true,
        _ => binding.Srtp ?? binding.Transport is "tls" or "wss",
    };

    /// <summary>Whether a refusal may mean "not in this form".</summary>
    /// <param name="device">The device's policy: only an optional one has another form.</param>
    /// <param name="isKnown">Whether it is known which form the phone takes, or that it is no phone: then a 480 is about something else.</param>
    /// <param name="status">The phone's final status.</param>
    /// <param name="after">How long the phone took: GNOME Calls says 480 for a wrong form, at once; for a user who declines, later; and at once, too, while it ends another call.</param>
    public static bool TriesOtherForm(DevicePolicy device, bool isKnown, int status, TimeSpan after) =>
        device == DevicePolicy.Optional && (status is 488 or 415 or 606 || (status == 480 && !isKnown && after <= s_promptRefusal));
}
