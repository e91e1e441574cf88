using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Data.Devices;

namespace CloudPbx.Api.Devices;

internal static class DeviceMapping
{
    public static DeviceDto ToDto(this Device device, string extension, string? secret = null) => new()
    {
        Id = device.Id,
        Extension = extension,
        Name = device.Name,
        AuthUser = device.AuthUser,
        Encryption = device.Encryption,
        DigestSha256 = device.DigestSha256,
        Secret = secret,
        ExpiresAt = device.ExpiresAt,
    };

    public static NewDevice ReadDevice(this ObjectReader reader)
    {
        string extension = reader.Required("extension", Rules.ExtensionNumber);
        DeviceDocument device = reader.ReadDeviceMembers();
        return new NewDevice
        {
            Extension = extension,
            Name = device.Name,
            AuthUser = device.AuthUser,
            Secret = device.Secret,
            Encryption = device.Encryption,
            DigestSha256 = device.DigestSha256,
        };
    }

    /// <summary>Reads what a device has in a document and on its own alike.</summary>
    public static DeviceDocument ReadDeviceMembers(this ObjectReader reader) => new()
    {
        Name = reader.Optional("name", Rules.DeviceName),
        AuthUser = reader.Optional("authUser", Rules.AuthUser),
        Secret = reader.Optional("secret", Rules.Secret),
        Encryption = reader.OptionalEnum<SrtpPolicy>("encryption"),
        DigestSha256 = reader.OptionalBoolean("digestSha256"),
    };
}
