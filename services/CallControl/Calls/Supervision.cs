using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;

namespace CloudPbx.CallControl.Calls;

/// <summary>How a call is supervised. Plain data, so that a snapshot can carry it.</summary>
/// <param name="Call">The supervised call.</param>
/// <param name="Party">Who of it is whispered to.</param>
/// <param name="Mode">Who hears the supervisor.</param>
internal sealed record Supervision(CallId Call, CallParty Party, SupervisionMode Mode);
