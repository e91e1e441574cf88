using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;

namespace CloudPbx.CallControl.Tests.Presence;

/// <summary>The schema of RFC 4235 §4.4.</summary>
internal static class DialogInfoSchema
{
    public static readonly XNamespace Namespace = "urn:ietf:params:xml:ns:dialog-info";

    private static readonly XmlSchemaSet s_schemas = Compile();

    private const string Text =
        """
        <xs:schema targetNamespace="urn:ietf:params:xml:ns:dialog-info" xmlns:tns="urn:ietf:params:xml:ns:dialog-info"
            xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified" attributeFormDefault="unqualified">
          <xs:element name="dialog-info">
            <xs:complexType>
              <xs:sequence>
                <xs:element ref="tns:dialog" minOccurs="0" maxOccurs="unbounded"/>
                <xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
              </xs:sequence>
              <xs:attribute name="version" type="xs:nonNegativeInteger" use="required"/>
              <xs:attribute name="state" use="required">
                <xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="full"/><xs:enumeration value="partial"/></xs:restriction></xs:simpleType>
              </xs:attribute>
              <xs:attribute name="entity" type="xs:anyURI" use="required"/>
            </xs:complexType>
          </xs:element>
          <xs:element name="dialog">
            <xs:complexType>
              <xs:sequence>
                <xs:element ref="tns:state" minOccurs="1" maxOccurs="1"/>
                <xs:element name="duration" type="xs:nonNegativeInteger" minOccurs="0" maxOccurs="1"/>
                <xs:element name="replaces" minOccurs="0" maxOccurs="1">
                  <xs:complexType>
                    <xs:attribute name="call-id" type="xs:string" use="required"/>
                    <xs:attribute name="local-tag" type="xs:string" use="required"/>
                    <xs:attribute name="remote-tag" type="xs:string" use="required"/>
                  </xs:complexType>
                </xs:element>
                <xs:element name="referred-by" type="tns:nameaddr" minOccurs="0" maxOccurs="1"/>
                <xs:element name="local" type="tns:participant" minOccurs="0" maxOccurs="1"/>
                <xs:element name="remote" type="tns:participant" minOccurs="0" maxOccurs="1"/>
                <xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
              </xs:sequence>
              <xs:attribute name="id" type="xs:string" use="required"/>
              <xs:attribute name="call-id" type="xs:string" use="optional"/>
              <xs:attribute name="local-tag" type="xs:string" use="optional"/>
              <xs:attribute name="remote-tag" type="xs:string" use="optional"/>
              <xs:attribute name="direction" use="optional">
                <xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="initiator"/><xs:enumeration value="recipient"/></xs:restriction></xs:simpleType>
              </xs:attribute>
            </xs:complexType>
          </xs:element>
          <xs:element name="state">
            <xs:complexType>
              <xs:simpleContent>
                <xs:extension base="tns:states">
                  <xs:attribute name="event" type="xs:string" use="optional"/>
                  <xs:attribute name="code" type="xs:positiveInteger" use="optional"/>
                </xs:extension>
              </xs:simpleContent>
            </xs:complexType>
          </xs:element>
          <xs:simpleType name="states">
            <xs:restriction base="xs:string">
              <xs:enumeration value="trying"/><xs:enumeration value="proceeding"/><xs:enumeration value="early"/><xs:enumeration value="confirmed"/><xs:enumeration value="terminated"/>
            </xs:restriction>
          </xs:simpleType>
          <xs:complexType name="nameaddr">
            <xs:simpleContent><xs:extension base="xs:anyURI"><xs:attribute name="display" type="xs:string" use="optional"/></xs:extension></xs:simpleContent>
          </xs:complexType>
          <xs:complexType name="participant">
            <xs:sequence>
              <xs:element name="identity" type="tns:nameaddr" minOccurs="0" maxOccurs="1"/>
              <xs:element name="target" minOccurs="0" maxOccurs="1">
                <xs:complexType>
                  <xs:sequence>
                    <xs:element name="param" minOccurs="0" maxOccurs="unbounded">
                      <xs:complexType><xs:attribute name="pname" type="xs:string" use="required"/><xs:attribute name="pval" type="xs:string" use="required"/></xs:complexType>
                    </xs:element>
                  </xs:sequence>
                  <xs:attribute name="uri" type="xs:string" use="required"/>
                </xs:complexType>
              </xs:element>
              <xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
            </xs:sequence>
          </xs:complexType>
        </xs:schema>
        """;

    /// <summary>Reads a document, which must be valid.</summary>
    public static XElement Read(ReadOnlyMemory<byte> octets)
    {
        using MemoryStream stream = new(octets.ToArray());
        using XmlReader reader = XmlReader.Create(stream, new XmlReaderSettings { ValidationType = ValidationType.Schema, Schemas = s_schemas, ValidationFlags = XmlSchemaValidationFlags.ReportValidationWarnings });
        return XDocument.Load(reader).Root!;
    }

    private static XmlSchemaSet Compile()
    {
        XmlSchemaSet schemas = new();
        using StringReader text = new(Text);
        using XmlReader reader = XmlReader.Create(text);
        schemas.Add(null, reader);
        schemas.Compile();
        return schemas;
    }
}
