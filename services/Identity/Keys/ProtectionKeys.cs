using System.Text;
using System.Xml.Linq;
using CloudPbx.Data.Keys;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;

namespace CloudPbx.Identity.Keys;

/// <summary>Data Protection's key ring (cookies, forms) in the database, sealed, so that all replicas have the same and a dump has none.</summary>
internal sealed class ProtectionKeys(GlobalKeyStore store, TimeProvider time) : IXmlRepository, IConfigureOptions<KeyManagementOptions>
{
    public IReadOnlyCollection<XElement> GetAllElements() => [.. store.Load(GlobalKeyStore.Protection).Select(key => XElement.Parse(Encoding.UTF8.GetString(key.Clear)))];

    public void StoreElement(XElement element, string friendlyName) => store.TryAdd(
        Guid.CreateVersion7(), GlobalKeyStore.Protection, Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting)), null, time.GetUtcNow().UtcDateTime);

    public void Configure(KeyManagementOptions options)
    {
        options.XmlRepository = this;
        options.XmlEncryptor = new NullXmlEncryptor();          // the store seals it
    }
}
