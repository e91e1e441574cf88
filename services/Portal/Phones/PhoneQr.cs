using QRCoder;

namespace CloudPbx.Portal.Phones;

/// <summary>QR codes as pictures that are sharp at every size.</summary>
internal static class PhoneQr
{
    /// <summary>A text as an SVG picture.</summary>
    public static string Of(string text)
    {
        using QRCodeGenerator generator = new();
        using QRCodeData data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using SvgQRCode code = new(data);
        return code.GetGraphic(4, "#12302f", "#ffffff", drawQuietZones: false, sizingMode: SvgQRCode.SizingMode.ViewBoxAttribute);
    }
}
