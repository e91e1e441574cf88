using CloudPbx.Softphone;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>Calls that are to reach a carrier.</summary>
internal static class CalledCarrier
{
    /// <summary>The INVITE that a phone's call becomes. A call that ends instead, or stands still, says so with the processes' last words.</summary>
    /// <param name="carrier">Where it is to come.</param>
    /// <param name="call">The call.</param>
    /// <param name="pbx">The product.</param>
    /// <param name="invited">Who waits for it already, and would take it from who asks after him; null: nobody.</param>
    public static async Task<RawMessage> InvitedAsync(this HostileCarrier carrier, PhoneCall call, IPbxUnderTest pbx, Task<RawMessage>? invited = null)
    {
        invited ??= carrier.ExpectAsync("INVITE", Deadlines.Takeover);
        if (await Task.WhenAny(invited, call.Ended) == invited && !invited.IsFaulted)
            return await invited;
        string end = call.Ended.IsCompleted ? $"{await call.Ended}" : "it goes on";
        throw new InvalidOperationException($"The call is not led to the carrier: {end}{Environment.NewLine}{pbx.Logs()}", invited.Exception);
    }
}
