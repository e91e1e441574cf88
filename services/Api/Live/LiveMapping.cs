using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Grains.Live;

namespace CloudPbx.Api.Live;

internal static class LiveMapping
{
    public static LiveExtensionDto ToDto(this LiveExtension extension) => new()
    {
        Number = extension.Number,
        Name = extension.Name,
        State = extension.State,
        Phones = [.. extension.Phones.Select(phone => new LivePhoneDto
        {
            DeviceId = new DeviceId(phone.DeviceId),
            Transport = phone.Transport,
            RemoteAddress = phone.RemoteAddress,
            UserAgent = StrangersText.WithoutControls(phone.UserAgent),
            RegisteredAt = phone.RegisteredAt,
            LatencyMilliseconds = phone.LatencyMilliseconds,
        })],
    };
}
