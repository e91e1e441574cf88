using System.Globalization;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.MediaControl;

/// <summary>Names one leg of a media session.</summary>
/// <param name="Session">The session is the call.</param>
/// <param name="Leg">The leg's number in its call, chosen by call control.</param>
public readonly record struct LegId(CallId Session, int Leg)
{
    /// <summary>The call's identifier, a slash and the leg's number.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Session}/{Leg}");
}
